"""What a picture shows: scenes of workflows, diffs and runs, before any form is chosen."""
