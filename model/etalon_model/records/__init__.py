"""The medical record (DMP): documents, metadata, versions, visibility, medical profile."""
