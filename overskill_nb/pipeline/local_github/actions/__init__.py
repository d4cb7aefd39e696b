"""Runs workflows: the steps of a workflow file, really executed in a clean clone on this machine."""
