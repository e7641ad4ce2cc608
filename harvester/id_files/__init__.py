"""Files of ids, as Excel and Figshare write them: from a cell to an id or a complaint."""
