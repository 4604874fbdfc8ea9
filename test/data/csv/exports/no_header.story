orders, asks: columns zone currency consent
2024-01-31T00:00 anna@example.test Identified {"email":"anna@example.test","products":0}
2024-01-31T00:00 anna@example.test Order Completed {"order_id":"10017","revenue":19.9,"products":0}
2024-02-01T00:00 ben@example.test Identified {"email":"ben@example.test","products":0}
2024-02-01T00:00 ben@example.test Order Completed {"order_id":"10018","revenue":5,"products":0}
2024-02-11T00:00 anna@example.test Order Completed {"order_id":"10019","revenue":42,"products":0}
