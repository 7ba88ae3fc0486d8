"""The tab Learn: quests, the class, the lesson plan and the notebook."""
