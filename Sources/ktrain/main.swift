print("ktrain")
