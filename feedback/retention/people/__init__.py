"""What is stored about somebody who works here: taken out for them, and erased once they left."""
