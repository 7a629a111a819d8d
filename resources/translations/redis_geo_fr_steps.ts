<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>RedisGeo</name>
    <message>
        <source>This algorithm is not among those that are proved to give equal results.</source>
        <translation>Cet algorithme n’est pas parmi ceux dont il est prouvé qu’ils donnent des résultats égaux.</translation>
    </message>
    <message>
        <source>This algorithm has not been proved on this version of QGIS.</source>
        <translation>Cet algorithme n’a pas été prouvé sur cette version de QGIS.</translation>
    </message>
</context>
</TS>
