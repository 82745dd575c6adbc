"""What is asked of the organisation as a whole: demand, insights, the choices of a filter, analyses."""
