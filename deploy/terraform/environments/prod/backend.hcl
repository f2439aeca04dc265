prefix = "coditect/prod"
