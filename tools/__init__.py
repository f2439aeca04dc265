"""What a developer runs: the laptop system (`tools.run`) and the generator (`tools.gen`)."""
