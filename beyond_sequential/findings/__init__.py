"""Findings: what is said of a mistake, and the verdict that holds them.

    kind      the record of a kind of finding
    places    what to call places of a graph
    kinds/    the records, a module for each family
    finding   one finding; how a difference between two graphs becomes one
    verdict   the verdict: outcome, points, findings, pictures to draw

docs/new-finding.md says how to add a kind.
"""
