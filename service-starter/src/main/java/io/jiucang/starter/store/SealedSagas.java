package io.jiucang.starter.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import org.axonframework.modelling.saga.AssociationValue;
import org.axonframework.modelling.saga.repository.jdbc.PostgresSagaSqlSchema;
import org.axonframework.modelling.saga.repository.jdbc.SagaSchema;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.SimpleSerializedObject;

/** The tables of sagas, each row sealed: neither a saga's state nor what it listens to can be written by hand. */
final class SealedSagas extends PostgresSagaSqlSchema {

    private static final String SAGA = "saga_entry";
    private static final String ASSOCIATION = "association_value_entry";

    private final Seal seal;

    SealedSagas(Seal seal) {
        super(SagaSchema.builder()
                .sagaEntryTable(SAGA)
                .serializedSagaColumn("serialized_saga")
                .associationValueEntryTable(ASSOCIATION)
                .associationKeyColumn("association_key")
                .associationValueColumn("association_value")
                .sagaIdColumn("saga_id")
                .sagaTypeColumn("saga_type")
                .build());
        this.seal = seal;
    }

    @Override
    public PreparedStatement sql_storeSaga(
            Connection connection, String sagaId, String revision, String sagaType, byte[] saga) throws SQLException {
        return prepared(
                connection,
                "insert into saga_entry (saga_id, revision, saga_type, serialized_saga, seal) values (?, ?, ?, ?, ?)",
                sagaId,
                revision,
                sagaType,
                saga,
                seal.of(SAGA, sagaId, revision, sagaType, saga));
    }

    @Override
    public PreparedStatement sql_updateSaga(
            Connection connection, String sagaId, byte[] saga, String sagaType, String revision) throws SQLException {
        return prepared(
                connection,
                "update saga_entry set serialized_saga = ?, revision = ?, seal = ? where saga_id = ?",
                saga,
                revision,
                seal.of(SAGA, sagaId, revision, sagaType, saga),
                sagaId);
    }

    @Override
    public PreparedStatement sql_loadSaga(Connection connection, String sagaId) throws SQLException {
        return prepared(
                connection,
                "select serialized_saga, saga_type, revision, saga_id, seal from saga_entry where saga_id = ?",
                sagaId);
    }

    @Override
    public SerializedObject<byte[]> readSerializedSaga(ResultSet row) throws SQLException {
        byte[] saga = row.getBytes(1);
        String type = row.getString(2);
        String revision = row.getString(3);
        String id = row.getString(4);
        seal.require(row.getBytes(5), id, SAGA, id, revision, type, saga);
        return new SimpleSerializedObject<>(saga, byte[].class, type, revision);
    }

    @Override
    public PreparedStatement sql_storeAssocValue(
            Connection connection, String key, String value, String sagaType, String sagaId) throws SQLException {
        return prepared(
                connection, """
                insert into association_value_entry
                    (association_key, association_value, saga_type, saga_id, seal) values (?, ?, ?, ?, ?)""", key, value, sagaType, sagaId, seal.of(ASSOCIATION, key, value, sagaType, sagaId));
    }

    @Override
    public PreparedStatement sql_findAssociations(Connection connection, String sagaId, String sagaType)
            throws SQLException {
        return prepared(connection, """
                select association_key, association_value, saga_type, saga_id, seal from association_value_entry
                where saga_id = ? and saga_type = ?""", sagaId, sagaType);
    }

    @Override
    public Set<AssociationValue> readAssociationValues(ResultSet rows) throws SQLException {
        Set<AssociationValue> associations = new HashSet<>();
        while (rows.next()) {
            String key = rows.getString(1);
            String value = rows.getString(2);
            String sagaId = rows.getString(4);
            seal.require(rows.getBytes(5), sagaId, ASSOCIATION, key, value, rows.getString(3), sagaId);
            associations.add(new AssociationValue(key, value));
        }
        return associations;
    }

    private static PreparedStatement prepared(Connection connection, String sql, Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }
}
