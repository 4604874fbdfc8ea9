lines, asks: zone
2024-01-13T09:15 C-7 Identified {"name":"Ray P","products":0}
2024-01-13T09:15 C-7 Order Completed {"order_id":"tx1","revenue":12.5,"currency":"USD","products":2}
2024-01-15T16:40 C-9 Identified {"name":"Zoe Q","products":0}
2024-01-15T16:40 C-9 Order Completed {"order_id":"tx3","revenue":1018,"currency":"USD","products":1}
skipped no_customer 1
