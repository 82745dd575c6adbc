"""Where such people meet, who should carry it, whom to meet, what would leave."""
