"""The pages in a real browser, served by a real process, with nothing but the tracker and the provider made up."""
