orders, asks: zone consent
2024-01-05T12:30 maryam@example.test Identified {"email":"maryam@example.test","phone":"+989121234567","name":"مریم رضایی","products":0}
2024-01-05T12:30 maryam@example.test Order Completed {"order_id":"۵۰۱","revenue":1250000,"currency":"IRR","products":0}
2024-03-19T20:40 maryam@example.test Order Completed {"order_id":"۵۰۳","revenue":320000,"currency":"IRR","products":0}
skipped state 1
