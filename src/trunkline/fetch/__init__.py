"""Reading a provider's reports over HTTP: request budget, retries, paging, windows."""
