"""What every door shares: jobs and what comes of them. Knows no command line and no page."""
