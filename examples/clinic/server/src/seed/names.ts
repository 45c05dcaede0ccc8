export const firstNames = [
  'Anna', 'Elias', 'Marta', 'Jakob', 'Sophie', 'David', 'Lena', 'Amir', 'Klara', 'Milan',
  'Ines', 'Theo', 'Vera', 'Luka', 'Rosa', 'Samuel', 'Nora', 'Emil', 'Selma', 'Viktor',
  'Hanna', 'Adrian', 'Leonie', 'Karim', 'Edith', 'Paul', 'Ivana', 'Simon', 'Zoé', 'Bruno',
]
export const lastNames = [
  'Gruber', 'Novak', 'Steiner', 'Hofer', 'Kovács', 'Berger', 'Winkler', 'Horvat', 'Maier', 'Rossi',
  'Schuster', 'Yildiz', 'Brandl', 'Petrović', 'Fischer', 'Lang', 'Szabo', 'Wolf', 'Moser', 'Eder',
  'Demir', 'Pichler', 'Haas', 'Janků', 'Reiter', 'Auer', 'Marković', 'Huber', 'Leitner', 'Böhm',
]
export const therapists = [
  { name: 'Mira Albrecht', approach: 'Cognitive behavioural therapy', room: 'Garden room', feeCents: 11000 },
  { name: 'Tobias Kern', approach: 'Psychodynamic therapy', room: 'Room 2', feeCents: 12000 },
  { name: 'Dunja Savić', approach: 'Trauma therapy, EMDR', room: 'Room 3', feeCents: 13000 },
  { name: 'Henrik Falk', approach: 'Systemic therapy', room: 'Room 4', feeCents: 10500 },
  { name: 'Aylin Tekin', approach: 'Acceptance and commitment therapy', room: 'Lime room', feeCents: 11000 },
  { name: 'Clemens Vogt', approach: 'Gestalt therapy', room: 'Room 6', feeCents: 9800 },
  { name: 'Judit Farkas', approach: 'Cognitive behavioural therapy', room: 'Room 7', feeCents: 11500 },
  { name: 'Noemi Perl', approach: 'Dialectical behaviour therapy', room: 'Attic', feeCents: 10800 },
]
export const concerns = [
  'Low mood since a separation', 'Panic attacks on public transport', 'Sleeps badly, worries at night', 'Exhausted by work',
  'Grief after a death in the family', 'Social anxiety', 'Stress before examinations', 'Recurrent depression', 'After a car accident',
]
export const letters = {
  patient: [
    'I tried the breathing exercise twice this week. It helped a little.', 'Could we start ten minutes later on our next date?',
    'The night was bad again, I was awake from three.', 'I went by tram today, for the first time since March!',
    'Where do I find the sheet with the thought diary?', 'Thank you for today. I will think about it.',
    'I am not sure whether I can make it next week.', 'My doctor asks for a short confirmation of my visits.',
  ],
  therapist: [
    'Thank you for telling me. Let us begin with that next time.', 'Ten minutes later is fine, I have noted it.',
    'That is a real step. How was it afterwards?', 'I have put the sheet at the reception for you.',
    'Please fill in the questionnaire before we meet, it takes five minutes.', 'I will write the confirmation this afternoon.',
  ],
}
