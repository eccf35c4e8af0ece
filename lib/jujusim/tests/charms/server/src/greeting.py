def greet(who, times):
    return " ".join([f"hello {who}"] * times)
