"""The admin of people who are supported: contacts, those close to them, and what is written about them."""
