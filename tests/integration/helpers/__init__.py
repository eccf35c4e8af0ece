"""What the tests on a real Juju share; tested itself, without one, in `unit`."""
