"""Sources of talk: chats, forums of firms, mailing lists. Each module is one format, by its name."""
