customers, asks:
1970-01-01T00:00 7001 Identified {"email":"anna@example.test","first_name":"Anna","last_name":"Lind","country":"DE","city":"Berlin","consent":{"email":{"state":"granted","source":"column Accepts Email Marketing of the imported file"}},"products":0}
1970-01-01T00:00 7002 Identified {"email":"ben@example.test","first_name":"Ben","last_name":"Roth","country":"AT","city":"Wien","consent":{"email":{"state":"denied","source":"column Accepts Email Marketing of the imported file"}},"products":0}
