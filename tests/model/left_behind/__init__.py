"""What the published charms leave behind, one YAML file each, and how a model comes to hold it."""
