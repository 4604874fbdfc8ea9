orders, asks: zone currency
2024-03-05T00:00 k-1 Order Completed {"order_id":"9001","revenue":15.5,"products":0}
2024-03-17T00:00 k-2 Order Completed {"order_id":"9002","revenue":7.25,"products":0}
2024-04-02T00:00 k-1 Order Completed {"order_id":"9003","revenue":30,"products":0}
