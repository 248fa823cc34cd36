"""The REST API: everything the pages do, for programs. Declared here, loaded when it is first asked."""
