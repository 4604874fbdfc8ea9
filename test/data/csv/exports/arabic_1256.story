orders, asks: zone consent
2024-01-25T14:00 sara@example.test Identified {"email":"sara@example.test","name":"سارة أحمد","city":"الرياض","products":0}
2024-01-25T14:00 sara@example.test Order Completed {"order_id":"1001","revenue":350.75,"currency":"SAR","products":0}
2024-02-03T21:15 sara@example.test Order Completed {"order_id":"1003","revenue":120,"currency":"SAR","products":0}
skipped state 1
