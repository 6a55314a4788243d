"""The configuration of the site, for Sphinx."""

project = "Offer Sandbox"
author = "Offer Sandbox contributors"
copyright = author
extensions = ["myst_parser"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = project
html_copy_source = False
html_show_sphinx = False
html_use_index = False
nitpicky = True
