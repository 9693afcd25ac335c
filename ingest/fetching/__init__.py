"""Takes the files of sources from raw store, mirror, publisher or bundled pack."""
