print("crux")
