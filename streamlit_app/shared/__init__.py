"""What the pages share: reading the release, texts, charts and the frame around a figure."""
