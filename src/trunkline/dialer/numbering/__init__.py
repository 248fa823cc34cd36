"""Where numbers are: area codes and postal codes as they are shipped, or as an operator's files say."""
