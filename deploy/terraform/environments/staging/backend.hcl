prefix = "coditect/staging"
