lines, asks: zone currency consent
2024-05-03T10:20 meltem@example.test Identified {"email":"meltem@example.test","first_name":"Meltem","last_name":"Aksoy","country":"TR","products":0}
2024-05-03T10:20 meltem@example.test Order Completed {"order_id":"2101","revenue":149.9,"currency":"GBP","products":1}
2024-05-06T07:45 sara@example.test Identified {"email":"sara@example.test","first_name":"Sara","last_name":"Khan","country":"GB","products":0}
2024-05-06T07:45 sara@example.test Order Completed {"order_id":"2103","revenue":35,"currency":"GBP","products":2}
skipped state 1
