lines, asks:
2024-01-05T09:15 anna@example.test Identified {"email":"Anna@example.test","phone":"+49 151 1234567","name":"Anna Lind","country":"DE","consent":{"email":{"state":"granted","source":"column Accepts Marketing of the imported file"}},"products":0}
2024-01-05T09:15 anna@example.test Order Completed {"order_id":"#1001","revenue":58.9,"currency":"EUR","products":2}
2024-03-01T08:29 anna@example.test Order Completed {"order_id":"#1003","revenue":15,"currency":"EUR","products":1}
skipped state 1
skipped with_first_row 1
