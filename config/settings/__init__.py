"""Settings by place: local, test, production, each over base; by subject in config.components."""
