orders, asks: zone consent
2024-03-04T15:15 iris@example.test Identified {"email":"iris@example.test","name":"Iris West","products":0}
2024-03-04T15:15 iris@example.test Order Completed {"order_id":"000000012","revenue":52,"currency":"USD","products":0}
2024-03-21T23:59 iris@example.test Order Completed {"order_id":"000000014","revenue":18,"currency":"USD","products":0}
skipped state 1
