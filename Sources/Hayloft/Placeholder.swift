// Hayloft
