print("hayloft")
