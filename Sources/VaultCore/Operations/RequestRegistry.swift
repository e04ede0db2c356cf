/// The operations and queries that an agent performs, by the name of their type.
public enum RequestRegistry {
    /// The operations.
    public static let operations: [String: any RemoteOperation.Type] = Dictionary(
        uniqueKeysWithValues: allOperations.map { ($0.name, $0) })

    /// The queries.
    public static let queries: [String: any Query.Type] = Dictionary(
        uniqueKeysWithValues: allQueries.map { ($0.name, $0) })

    private static let allOperations: [any RemoteOperation.Type] = [
        CreateOwner.self, EditOwner.self, AnnotateOwner.self, RemoveOwner.self, SetSecret.self,
        VerifySecret.self, OpenVariables.self, AllowUses.self, AddConnector.self, RemoveConnector.self,
        StartRotation.self, RecordRotationTest.self, FinishRotation.self, AbortRotation.self, RollBack.self,
        DestroyVersion.self, AddSlot.self, RemoveSlot.self, FindOwnSlots.self, ReplaceSlot.self,
        RotateMasterKey.self, AddMember.self, ChangeRole.self, RemoveMember.self, VerifyVault.self,
        AcceptLedger.self, CosignCheckpoint.self, ExportBundle.self, ImportBundle.self,
    ]

    private static let allQueries: [any Query.Type] = [
        ListOwners.self, ShowOwner.self, ShowUsage.self, ListClientUsers.self, ShowHistory.self,
        PlanEdit.self, FindSecretField.self, FindRotationHook.self, NeedsTokens.self, ListConnectors.self,
        ShowConnector.self, ShowConnectorSource.self, ListDueSecrets.self, ListCurrentSecrets.self,
        CheckClock.self, ListVersions.self, ListRotations.self, ListSlots.self, ShowKeyStatus.self,
        ListMembers.self, ShowMember.self, ListKnownSecrets.self, ListEntries.self, ListActivity.self,
        ExportEntries.self, ShowEntry.self, ShowCheckpoint.self, FindEntries.self, ProveEntry.self,
    ]
}
