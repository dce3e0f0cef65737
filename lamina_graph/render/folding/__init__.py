"""Which cards of a scene are drawn as one."""
