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
    <message>
        <source>A parameter of the kind “{kind}” is not cached.</source>
        <translation>Un paramètre de genre « {kind} » n’est pas mis en cache.</translation>
    </message>
    <message>
        <source>The outputs could not be kept: {why}</source>
        <translation>Les sorties n’ont pas pu être gardées : {why}</translation>
    </message>
    <message>
        <source>An expression cannot be read: {text}</source>
        <translation>Une expression est illisible : {text}</translation>
    </message>
    <message>
        <source>The value of the expression variable @{name} is not known.</source>
        <translation>La valeur de la variable d’expression @{name} n’est pas connue.</translation>
    </message>
    <message>
        <source>The expression function {name} may give another value at another time.</source>
        <translation>La fonction d’expression {name} peut donner une autre valeur à un autre moment.</translation>
    </message>
    <message>
        <source>Without a field to group by, everything is one group.</source>
        <translation>Sans champ de regroupement, tout ne forme qu’un groupe.</translation>
    </message>
    <message>
        <source>A group that is no number is not cached.</source>
        <translation>Un groupe dont la valeur n’est pas un nombre (NaN) n’est pas mis en cache.</translation>
    </message>
    <message>
        <source>With these parameters a feature depends on others.</source>
        <translation>Avec ces paramètres, une entité dépend des autres.</translation>
    </message>
    <message>
        <source>The other layer is empty.</source>
        <translation>L’autre couche est vide.</translation>
    </message>
    <message>
        <source>A feature of the other layer cannot be reprojected.</source>
        <translation>Une entité de l’autre couche ne peut pas être reprojetée.</translation>
    </message>
    <message>
        <source>The outputs cannot be told apart.</source>
        <translation>Les sorties ne peuvent pas être attribuées.</translation>
    </message>
    <message>
        <source>The output has other fields than expected.</source>
        <translation>La sortie a d’autres champs que prévu.</translation>
    </message>
    <message>
        <source>Computing is quicker than looking up.</source>
        <translation>Calculer est plus rapide que chercher dans le cache.</translation>
    </message>
    <message>
        <source>An input that is no vector layer is not cached.</source>
        <translation>Une entrée qui n’est pas une couche vecteur n’est pas mise en cache.</translation>
    </message>
    <message>
        <source>An output that is no vector layer is not cached.</source>
        <translation>Une sortie qui n’est pas une couche vecteur n’est pas mise en cache.</translation>
    </message>
    <message>
        <source>The algorithm made no layer.</source>
        <translation>L’algorithme n’a produit aucune couche.</translation>
    </message>
</context>
</TS>
