"""The page of the policy teams: levers to move, the answer of the national run, side by side."""
