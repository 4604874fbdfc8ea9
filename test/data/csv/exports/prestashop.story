orders, asks: zone customer
2024-06-01T10:00 J. DUPONT Identified {"name":"J. DUPONT","products":0}
2024-06-01T10:00 J. DUPONT Order Completed {"order_id":"XKBKNABJK","revenue":52,"currency":"EUR","products":0}
2024-06-09T08:01 J. DUPONT Order Completed {"order_id":"UOYEVOLI","revenue":14.9,"currency":"EUR","products":0}
skipped state 1
