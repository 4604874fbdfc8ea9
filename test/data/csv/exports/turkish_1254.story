lines, asks: zone currency
2024-01-13T10:05 ayse@example.test Identified {"email":"ayse@example.test","name":"Ayşe Yılmaz","consent":{"email":{"state":"granted","source":"column Bülten of the imported file"}},"products":0}
2024-01-13T10:05 ayse@example.test Order Completed {"order_id":"S-1","revenue":1549.4,"products":2}
2024-02-03T19:00 isik@example.test Identified {"email":"isik@example.test","name":"Işık Öz","consent":{"email":{"state":"denied","source":"column Bülten of the imported file"}},"products":0}
2024-02-03T19:00 isik@example.test Order Completed {"order_id":"S-3","revenue":180,"products":1}
skipped state 1
