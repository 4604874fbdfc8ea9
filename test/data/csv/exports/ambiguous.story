orders, asks: date_order zone currency
2024-04-03T00:00 a Order Completed {"order_id":"1","revenue":10,"products":0}
2024-02-05T00:00 b Order Completed {"order_id":"2","revenue":12,"products":0}
2024-06-01T00:00 a Order Completed {"order_id":"3","revenue":9.5,"products":0}
