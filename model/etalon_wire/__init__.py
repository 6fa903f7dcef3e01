"""The wire of Mon espace santé: FHIR R4 bodies to and from the words of the model, no I/O.

Official parts first; what no public text specifies is marked as ours. JSON and XML bodies are
read strictly, patches become typed changes, refusals become an OperationOutcome with its status.
"""
