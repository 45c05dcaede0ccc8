export const firstNames = [
  'Aisha', 'Mateo', 'Linh', 'Oskar', 'Priya', 'Tomás', 'Yuki', 'Elif', 'Noah', 'Zanele',
  'Camille', 'Arjun', 'Freya', 'Diego', 'Mei', 'Luca', 'Amara', 'Jonas', 'Sofía', 'Kwame',
  'Hana', 'Pavel', 'Leila', 'Finn', 'Nadia', 'Rafael', 'Ingrid', 'Omar', 'Chloe', 'Minh',
]
export const lastNames = [
  'Rahman', 'García', 'Nguyen', 'Lindqvist', 'Nair', 'Silva', 'Tanaka', 'Yılmaz', 'Becker', 'Dlamini',
  'Laurent', 'Mehta', 'Halvorsen', 'Fuentes', 'Chen', 'Moretti', 'Okafor', 'Weber', 'Romero', 'Mensah',
  'Kim', 'Novák', 'Haddad', 'Murphy', 'Petrova', 'Costa', 'Johansen', 'Farouk', 'Martin', 'Tran',
]
export const countries = [
  'Malaysia', 'Spain', 'Vietnam', 'Sweden', 'India', 'Portugal', 'Japan', 'Türkiye', 'Germany', 'South Africa',
]
