"""The application database: connection, transactions, types, migrations, secrets at rest."""
