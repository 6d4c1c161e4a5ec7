"""What whoever runs the installation watches: whether it can serve, and how far behind it is. No page of a tenant."""
