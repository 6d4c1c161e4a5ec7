"""What "test settings" looks at on the ERP's side, one module per layer: network, login, database, data."""
