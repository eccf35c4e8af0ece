"""`ckf check`: a bundle as Juju would see it, before anything is deployed."""
