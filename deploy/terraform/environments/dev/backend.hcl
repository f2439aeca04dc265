prefix = "coditect/dev"
