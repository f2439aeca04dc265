"""The doctor: reads a whole store and says what in it does not hold.

`python -m ops.doctor STORE_URL` looks at every row of every context, page by page, and changes
nothing. What a page must agree with is read in the same transaction, so live traffic gives no false
alarm. Not a context: it knows the keys and invariants of all of them, and none of them knows it.
"""
